/**
 * What answers hold, as the OpenAPI document describes them, by name. Each is checked against the type that its handler answers
 * with, and by `test/management/described-answers.test.ts` against answers of a gateway that runs. What else an answer may hold is
 * not promised. Loaded with the document, which few ask for: routes name a shape.
 */
import { accountShapes } from './shapes/accounts.ts';
import { configShapes } from './shapes/config.ts';
import { gatewayShapes } from './shapes/gateway.ts';
import { usageShapes } from './shapes/usage.ts';

export const answerShapes = { ...gatewayShapes, ...accountShapes, ...configShapes, ...usageShapes } as const;

export type ShapeName = keyof typeof answerShapes;
