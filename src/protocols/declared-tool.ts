/** A request's tools by their names: an answer may call thousands of them, of a request that declares as many. */
import type { CustomTool, FunctionTool, Tool } from './request.ts';

/** Tools that are looked through one by one. */
const few = 32;

/** Of longer lists the first tool of each type and name. */
const indexes = new WeakMap<readonly Tool[], ReadonlyMap<string, Tool>>();

/** The first tool of this type with this name; undefined where there is none. */
export function declaredTool<Type extends Tool['type']>(
  tools: readonly Tool[] | undefined,
  name: string,
  type: Type,
): Extract<Tool, { type: Type }> | undefined {
  if (tools === undefined) return undefined;
  if (tools.length > few) {
    const found = indexOf(tools).get(`${type} ${name}`);
    return found !== undefined && isOf(found, type) ? found : undefined;
  }
  for (const tool of tools) if (isOf(tool, type) && tool.name === name) return tool;
  return undefined;
}

/** The tool of the client's with this name; undefined where it declares none. */
export function calledTool(
  tools: readonly Tool[] | undefined,
  name: string,
): FunctionTool | CustomTool | undefined {
  return declaredTool(tools, name, 'function') ?? declaredTool(tools, name, 'custom');
}

function isOf<Type extends Tool['type']>(tool: Tool, type: Type): tool is Extract<Tool, { type: Type }> {
  return tool.type === type;
}

function indexOf(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const known = indexes.get(tools);
  if (known !== undefined) return known;
  const index = new Map<string, Tool>();
  for (const tool of tools) {
    const key = `${tool.type} ${tool.name}`;
    if (!index.has(key)) index.set(key, tool);
  }
  indexes.set(tools, index);
  return index;
}
