/** What a body asks for that limits go by: one walk over its members for all of it. */
import { isForm } from '../protocols/form-fields.ts';
import { eachMember, type MemberVisitor } from '../protocols/json-span.ts';
import { modelsInForm, namedModels } from './named-models.ts';
import { type WantedAnswer, wantedAnswer } from './token-estimate.ts';

export interface AskedInBody {
  /** Models that it names beside its own, each once. */
  models: string[];
  answer: WantedAnswer;
}

/** What is to be found. `inAddress`: the model, where it stands there. `contentType`: what the body is announced as. */
export interface Wanted {
  models: boolean;
  answer: boolean;
  inAddress?: string | undefined;
  contentType: string | null;
}

/** What is not to be found, and what is neither a JSON object nor a form, asks for nothing. */
export function askedInBody(body: Uint8Array, wants: Wanted): AskedInBody {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const names = new Set<string>();
  const answer: WantedAnswer = {
    tokens: undefined,
    answers: undefined,
    thinks: false,
    thinking: undefined,
    later: false,
  };
  if (isForm(wants.contentType, body)) {
    if (wants.models) modelsInForm(wants.contentType, buffer, names);
    return { models: [...names], answer };
  }
  const visitors: MemberVisitor[] = [];
  if (wants.models) visitors.push(namedModels(buffer, names, wants.inAddress));
  if (wants.answer) visitors.push(wantedAnswer(buffer, answer));
  if (visitors.length > 0)
    eachMember(buffer, 0, (keyStart, keyEnd, start, end) => {
      for (const visit of visitors) visit(keyStart, keyEnd, start, end);
    });
  return { models: [...names], answer };
}
