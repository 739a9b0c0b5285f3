/** How the calls of an answer become the client's again: names and kinds as its request had them. */
import { isCustomTool } from '../custom-tool.ts';
import type { Request } from '../model.ts';
import { toolNames } from '../tool-names.ts';
import type { ToolReader } from './content-decode.ts';
import { protocol, toolNameRule } from './kept-fields.ts';
import { foreignSchema } from './tools.ts';

/** The reader of the answers to a request. */
export function toolReader(request: Request): ToolReader {
  const names = toolNames(request.tools, toolNameRule);
  return {
    name: (wire) => names.fromWire(wire),
    isCustom: (name) => isCustomTool(request, name),
    properties(name) {
      // This protocol's own schemas went out as they came.
      if (request.extra?.protocol === protocol) return undefined;
      const tool = request.tools?.find((declared) => declared.type === 'function' && declared.name === name);
      return tool?.type === 'function' ? foreignSchema(tool).properties : undefined;
    },
  };
}
