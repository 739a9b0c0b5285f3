import { useState } from 'preact/hooks';
import { words } from '../language.ts';
import { conditionWords, emptyRule, type RouteForm, type RuleForm } from '../route-form.ts';
import { TargetFields } from './target-fields.tsx';

interface Props {
  route: RouteForm;
  look(route: RouteForm): void;
  close(): void;
}

/** One name, the models behind it, and the rules for requests of a kind. */
export function RouteFields({ route, look, close }: Props) {
  const w = words.value.routes;
  const [form, setForm] = useState(route);
  const setRule = (at: number, rule: RuleForm | undefined): void =>
    setForm({
      ...form,
      rules: form.rules.flatMap((one, place) => (place !== at ? [one] : rule === undefined ? [] : [rule])),
    });
  return (
    <form
      class="card route"
      aria-label={form.name === '' ? w.add : form.name}
      onSubmit={(event) => {
        event.preventDefault();
        look(form);
      }}
    >
      <label class="field">
        {w.name}
        <input
          type="text"
          required
          autocomplete="off"
          placeholder="fast, smart, claude-haiku-*"
          value={form.name}
          onInput={(event) => setForm({ ...form, name: event.currentTarget.value })}
        />
      </label>
      <fieldset>
        <legend>{w.leadsTo}</legend>
        <TargetFields id="targets" targets={form.targets} set={(targets) => setForm({ ...form, targets })} />
      </fieldset>
      {form.rules.map((rule, at) => (
        <fieldset key={`rule ${String(at)}`}>
          <legend>{w.rule(at + 1)}</legend>
          <div class="tools">
            {conditionWords.map((word) => (
              <label key={word}>
                {w.conditions[word]}{' '}
                <select
                  value={String(rule.words[word] ?? '')}
                  onChange={(event) => {
                    const { [word]: _, ...others } = rule.words;
                    const { value } = event.currentTarget;
                    setRule(at, {
                      ...rule,
                      words: value === '' ? others : { ...others, [word]: value === 'true' },
                    });
                  }}
                >
                  <option value="">{w.any}</option>
                  <option value="true">{w.yes}</option>
                  <option value="false">{w.no}</option>
                </select>
              </label>
            ))}
            <label>
              {w.longContext}{' '}
              <input
                type="text"
                inputMode="numeric"
                class="short"
                value={rule.longContext}
                onInput={(event) => setRule(at, { ...rule, longContext: event.currentTarget.value })}
              />
            </label>
          </div>
          <TargetFields
            id={`rule-${String(at)}`}
            targets={rule.targets}
            set={(targets) => setRule(at, { ...rule, targets })}
          />{' '}
          <button type="button" onClick={() => setRule(at, undefined)}>
            {w.removeRule(at + 1)}
          </button>
        </fieldset>
      ))}
      <div class="tools">
        <button type="button" onClick={() => setForm({ ...form, rules: [...form.rules, emptyRule] })}>
          {w.addRule}
        </button>
        <button type="submit">{words.value.settings.review}</button>
        <button type="button" onClick={close}>
          {words.value.close}
        </button>
      </div>
    </form>
  );
}
