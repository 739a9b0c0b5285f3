/**
 * What the types of new-api's channels are here. Source: github.com/QuantumNous/new-api, constant/channel.go (types, base URLs),
 * relay/channel/<type>/adaptor.go (what each puts behind the base URL).
 */

/** How a type is asked here. */
export type ChannelPlace =
  | {
      title: string;
      /** A list of API keys. */
      list: string;
      /** Its base URL where the channel has none. */
      usual: string;
    }
  | {
      title: string;
      list: 'openai-compatibility';
      usual: string;
      /** The path between the base URL and `/chat/completions`; `{other}` is the channel's field of that name. */
      version: string;
    }
  | { title: string; left: string };

const compatible = (title: string, usual: string, version = '/v1'): ChannelPlace => ({
  title,
  list: 'openai-compatibility',
  usual,
  version,
});
const noText = (title: string): ChannelPlace => ({
  title,
  left: 'it generates images, videos or music by tasks, which are not supported here',
});
const unspoken = (title: string): ChannelPlace => ({ title, left: `there is no provider "${title}" here` });

export const channelPlaces: Readonly<Record<number, ChannelPlace>> = {
  1: compatible('OpenAI', 'https://api.openai.com'),
  2: noText('Midjourney'),
  3: compatible('Azure', '', ''),
  4: compatible('Ollama', 'http://localhost:11434'),
  5: noText('MidjourneyPlus'),
  6: compatible('OpenAIMax', 'https://api.openaimax.com'),
  7: compatible('OhMyGPT', 'https://api.ohmygpt.com'),
  // The whole address of a call.
  8: compatible('Custom', '', ''),
  9: compatible('AILS', 'https://api.caipacity.com'),
  10: compatible('AIProxy', 'https://api.aiproxy.io'),
  11: unspoken('PaLM'),
  12: compatible('API2GPT', 'https://api.api2gpt.com'),
  13: compatible('AIGC2D', 'https://api.aigc2d.com'),
  14: { title: 'Anthropic', list: 'claude-api-key', usual: 'https://api.anthropic.com' },
  15: unspoken('Baidu'),
  16: unspoken('Zhipu'),
  17: compatible('Ali', 'https://dashscope.aliyuncs.com', '/compatible-mode/v1'),
  18: unspoken('Xunfei'),
  19: compatible('360', 'https://api.360.cn'),
  20: compatible('OpenRouter', 'https://openrouter.ai/api'),
  21: unspoken('AIProxyLibrary'),
  22: compatible('FastGPT', 'https://fastgpt.run/api/openapi'),
  23: unspoken('Tencent'),
  24: { title: 'Gemini', list: 'gemini-api-key', usual: 'https://generativelanguage.googleapis.com' },
  25: compatible('Moonshot', 'https://api.moonshot.cn'),
  26: compatible('ZhipuV4', 'https://open.bigmodel.cn', '/api/paas/v4'),
  27: compatible('Perplexity', 'https://api.perplexity.ai', ''),
  31: compatible('LingYiWanWu', 'https://api.lingyiwanwu.com'),
  33: unspoken('AWS Bedrock'),
  34: compatible('Cohere', 'https://api.cohere.ai', '/compatibility/v1'),
  35: compatible('MiniMax', 'https://api.minimax.chat'),
  36: noText('SunoAPI'),
  37: unspoken('Dify'),
  38: unspoken('Jina'),
  39: compatible('Cloudflare', 'https://api.cloudflare.com', '/client/v4/accounts/{other}/ai/v1'),
  40: compatible('SiliconFlow', 'https://api.siliconflow.cn'),
  41: {
    title: 'VertexAI',
    left: 'Vertex AI is signed in to with the key file of a service account: "cli-proxy-api auth vertex"',
  },
  42: compatible('Mistral', 'https://api.mistral.ai'),
  43: compatible('DeepSeek', 'https://api.deepseek.com', ''),
  44: unspoken('MokaAI'),
  45: compatible('VolcEngine', 'https://ark.cn-beijing.volces.com', '/api/v3'),
  46: compatible('BaiduV2', 'https://qianfan.baidubce.com', '/v2'),
  47: compatible('Xinference', ''),
  48: { title: 'xAI', list: 'xai-api-key', usual: 'https://api.x.ai/v1' },
  49: unspoken('Coze'),
  50: noText('Kling'),
  51: noText('Jimeng'),
  52: noText('Vidu'),
  53: compatible('Submodel', 'https://llm.submodel.ai'),
  54: noText('DoubaoVideo'),
  55: noText('Sora'),
  56: noText('Replicate'),
  57: {
    title: 'Codex',
    left: 'its key is a login whose refresh token works once: sign in beside it with "cli-proxy-api auth codex"',
  },
};

/** Names in place of a base URL, and their meaning. */
export const plans: Readonly<Record<string, { claude: string; openai: string }>> = {
  'glm-coding-plan': {
    claude: 'https://open.bigmodel.cn/api/anthropic',
    openai: 'https://open.bigmodel.cn/api/coding/paas/v4',
  },
  'glm-coding-plan-international': {
    claude: 'https://api.z.ai/api/anthropic',
    openai: 'https://api.z.ai/api/coding/paas/v4',
  },
  'kimi-coding-plan': { claude: 'https://api.kimi.com/coding', openai: 'https://api.kimi.com/coding/v1' },
  'doubao-coding-plan': {
    claude: 'https://ark.cn-beijing.volces.com/api/coding',
    openai: 'https://ark.cn-beijing.volces.com/api/coding/v3',
  },
};
