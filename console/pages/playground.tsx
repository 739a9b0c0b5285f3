/** One prompt to one model or two, in any of the four protocols, through the gateway as clients go: with times, tokens, cost. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ModelRow } from '../../src/console/wire.ts';
import type { ListedClientKey } from '../../src/management/client-keys.ts';
import { query } from '../address.ts';
import { managed, reasonOf } from '../api.ts';
import { attempt } from '../components/notice.ts';
import { PlaygroundAnswer } from '../components/playground-answer.tsx';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { draft, runs, setDraft } from '../play/playground-draft.ts';
import { type Prompt, readTools } from '../play/prompt.ts';
import { protocols, spoken } from '../play/protocols.ts';
import { type Asked, run } from '../play/run.ts';

const efforts = ['low', 'medium', 'high'] as const;
/** As large as providers take them. */
const mostImage = 5 * 1024 * 1024;

export function Playground() {
  const w = words.value.play;
  const models = useLoaded<{ models: ModelRow[] }>('models');
  const keys = useLoaded<{ keys: ListedClientKey[] }>(managed('client-keys'));
  const running = useRef<AbortController>(undefined);
  const [busy, setBusy] = useState(false);
  const now = draft.value;
  const wanted = query.value.get('model');
  const as = query.value.get('as');
  const spokenIn = protocols.find((name) => name === query.value.get('protocol'));
  useEffect(() => {
    if (wanted !== null) setDraft({ models: [wanted, draft.value.models[1]] });
    if (as !== null) setDraft({ keyId: as });
    if (spokenIn !== undefined) setDraft({ protocol: spokenIn });
  }, [wanted, as, spokenIn]);
  useEffect(() => () => running.current?.abort(), []);

  /** Asks, each answer in its place; what runs still is stopped. */
  const askAll = async (asked: readonly { at: number; question: Asked }[]): Promise<void> => {
    const stopping = new AbortController();
    running.current?.abort();
    running.current = stopping;
    setBusy(true);
    await Promise.all(
      asked.map(({ at, question }) =>
        run(question, stopping.signal, (changed) => {
          if (running.current === stopping) runs.value = runs.value.with(at, changed);
        }),
      ),
    );
    if (running.current === stopping) setBusy(false);
  };

  const send = (): Promise<void> =>
    attempt(async () => {
      const prompt = promptOf();
      const asked = now.models.map((model) => model.trim()).filter((model) => model !== '');
      runs.value = asked.map(() => undefined);
      await askAll(
        asked.map((model, at) => ({
          at,
          question: { protocol: now.protocol, model, prompt, keyId: now.keyId || undefined },
        })),
      );
    });

  function promptOf(): Prompt {
    const number = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text));
    const { system, text, image, effort, stream } = now;
    let tools: Prompt['tools'];
    try {
      tools = readTools(now.tools);
    } catch (error) {
      throw new Error(`${w.tools}: ${reasonOf(error)}`);
    }
    return {
      ...{ system, text, image, effort, stream, tools },
      temperature: number(now.temperature),
      maxTokens: number(now.maxTokens),
    };
  }

  const takeImage = (file: File | undefined): Promise<void> =>
    attempt(async () => {
      if (file === undefined) return setDraft({ image: undefined });
      if (file.size > mostImage) throw new Error(w.imageTooLarge);
      const url = await dataUrlOf(file);
      setDraft({ image: { mediaType: file.type, base64: url.slice(url.indexOf(',') + 1) } });
    });

  const [first, second] = now.models;
  return (
    <>
      <h1>{words.value.pages.playground}</h1>
      <form
        class="play"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && busy) running.current?.abort();
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          if (event.currentTarget.reportValidity()) void send();
        }}
      >
        <datalist id="play-models">
          {(models.answer?.models ?? []).map(({ id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
        <div class="fields">
          <label class="field">
            {w.model}
            <input
              type="text"
              list="play-models"
              required
              autocomplete="off"
              value={first}
              onInput={(event) => setDraft({ models: [event.currentTarget.value, second] })}
            />
          </label>
          <label class="field">
            {w.beside}
            <input
              type="text"
              list="play-models"
              autocomplete="off"
              value={second}
              onInput={(event) => setDraft({ models: [first, event.currentTarget.value] })}
            />
          </label>
          <label class="field">
            {w.protocol}
            <select
              value={now.protocol}
              onChange={(event) => {
                const chosen = protocols.find((name) => name === event.currentTarget.value);
                if (chosen !== undefined) setDraft({ protocol: chosen });
              }}
            >
              {protocols.map((name) => (
                <option key={name} value={name}>
                  {spoken[name].title}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            {w.as}
            <select value={now.keyId} onChange={(event) => setDraft({ keyId: event.currentTarget.value })}>
              <option value="">{w.asConsole}</option>
              {(keys.answer?.keys ?? [])
                .filter(({ disabled }) => !disabled)
                .map(({ id, name, masked }) => (
                  <option key={id} value={id}>
                    {w.asKey(name ?? masked)}
                  </option>
                ))}
            </select>
          </label>
        </div>
        <label class="field">
          {w.prompt}
          <textarea
            required
            rows={4}
            value={now.text}
            onInput={(event) => setDraft({ text: event.currentTarget.value })}
          />
        </label>
        <details>
          <summary>{w.more}</summary>
          <label class="field">
            {w.system}
            <textarea
              rows={2}
              value={now.system}
              onInput={(event) => setDraft({ system: event.currentTarget.value })}
            />
          </label>
          <div class="fields">
            <label class="field">
              {w.temperature}
              <input
                type="number"
                min={0}
                max={2}
                step={0.1}
                value={now.temperature}
                onInput={(event) => setDraft({ temperature: event.currentTarget.value })}
              />
            </label>
            <label class="field">
              {w.effort}
              <select
                value={now.effort}
                onChange={(event) => setDraft({ effort: event.currentTarget.value })}
              >
                <option value="">{w.asModel}</option>
                {efforts.map((effort) => (
                  <option key={effort} value={effort}>
                    {effort}
                  </option>
                ))}
              </select>
            </label>
            <label class="field">
              {w.maxTokens}
              <input
                type="number"
                min={1}
                value={now.maxTokens}
                onInput={(event) => setDraft({ maxTokens: event.currentTarget.value })}
              />
            </label>
            <label class="field">
              {w.image}
              <input
                type="file"
                accept="image/png,image/jpeg,image/webp,image/gif"
                onChange={(event) => void takeImage(event.currentTarget.files?.[0])}
              />
            </label>
          </div>
          {now.image !== undefined && (
            <img class="thumb" alt={w.image} src={`data:${now.image.mediaType};base64,${now.image.base64}`} />
          )}
          <label class="field">
            {w.tools}
            <textarea
              rows={3}
              spellcheck={false}
              placeholder={'[{"name": "weather", "description": "…", "parameters": {"type": "object", …}}]'}
              value={now.tools}
              onInput={(event) => setDraft({ tools: event.currentTarget.value })}
            />
          </label>
        </details>
        <div class="tools">
          <button type="submit">{w.send}</button>
          <button type="button" disabled={!busy} onClick={() => running.current?.abort()}>
            {w.stop}
          </button>
          <label>
            <input
              type="checkbox"
              checked={now.stream}
              onChange={(event) => setDraft({ stream: event.currentTarget.checked })}
            />{' '}
            {w.stream}
          </label>
        </div>
      </form>
      <div class="side-by-side">
        {runs.value.map((one, at) =>
          one === undefined ? null : (
            <PlaygroundAnswer
              key={String(at)}
              run={one}
              again={busy ? undefined : () => void askAll([{ at, question: one.asked }])}
            />
          ),
        )}
      </div>
    </>
  );
}

function dataUrlOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('The file cannot be read.'));
    reader.readAsDataURL(file);
  });
}
