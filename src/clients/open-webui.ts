import type { Client } from './client.ts';

export const openWebui: Client = {
  name: 'open-webui',
  title: 'Open WebUI',
  protocol: 'openai-chat',
  recipe: ({
    url,
    key,
  }) => `Admin Settings, Connections, OpenAI API, add a connection with URL ${url}/v1 and key ${key}; or at its start:

  docker run -p 3000:8080 \\
    -e OPENAI_API_BASE_URL='${url.replace('127.0.0.1', 'host.docker.internal')}/v1' \\
    -e OPENAI_API_KEY='${key}' \\
    --add-host=host.docker.internal:host-gateway \\
    ghcr.io/open-webui/open-webui:main

A container reaches a gateway that listens on 127.0.0.1 only with --network host; else let it listen on its network, with
a client key.
`,
  source: 'docs.openwebui.com/getting-started/quick-start/starting-with-openai-compatible',
};
