/** The configuration: by subject as forms, whole as YAML, and as it was before. Nothing is written before it has been looked at. */
import { useEffect } from 'preact/hooks';
import { type SettingField, type Subject, subjects } from '../../src/console/settings/wire.ts';
import { query, setQuery } from '../address.ts';
import { ConfigHistory } from '../components/config-history.tsx';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { attempt } from '../components/notice.ts';
import { Notes, SaveDialog } from '../components/save-dialog.tsx';
import { SettingInput } from '../components/setting-input.tsx';
import { Tabs } from '../components/tabs.tsx';
import { YamlEditor } from '../components/yaml-editor.tsx';
import { language, words } from '../language.ts';
import { lostUntil } from '../live.ts';
import { expectedText, loadSettingTexts, settingText } from '../setting-text.ts';
import {
  changeCount,
  changes,
  discard,
  editedText,
  lookAt,
  readSettings,
  settings,
  settingsProblem,
  waiting,
  want,
} from '../settings-draft.ts';

const views = ['forms', 'yaml', 'history'] as const;

export function Settings() {
  const w = words.value.settings;
  const view = views.find((one) => one === query.value.get('view')) ?? 'forms';
  const isLost = lostUntil.value !== undefined;
  useEffect(() => void readSettings(), [isLost]);
  useEffect(() => void loadSettingTexts(), [language.value]);
  const known = settings.value;
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.settings}</h1>
        {view === 'forms' && <FilterField />}
        <Tabs
          label={words.value.pages.settings}
          tabs={views.map((name) => ({ name, title: w.views[name] }))}
          chosen={view}
          choose={(name) => setQuery({ view: name === 'forms' ? undefined : name, key: undefined })}
        />
      </div>
      {settingsProblem.value !== '' && <p class="problem">{settingsProblem.value}</p>}
      {waiting.value.length > 0 && (
        <p class="bar warn" role="status">
          {w.atStart(waiting.value.join(', '))}
        </p>
      )}
      {known === undefined ? (
        settingsProblem.value === '' && <p class="loading">{words.value.loading}</p>
      ) : (
        <>
          {known.problems.length > 0 && (
            <section class="card">
              <p class="problem">{w.broken}</p>
              {view !== 'yaml' && <Notes notes={known.problems} tone="problem" />}
            </section>
          )}
          {view === 'forms' && <Forms fields={known.fields} />}
          {view === 'yaml' && <YamlEditor />}
          {view === 'history' && <ConfigHistory />}
        </>
      )}
      {changeCount.value > 0 && (
        <section class="save-bar" aria-label={w.unsaved}>
          <span role="status">{w.changed(changeCount.value)}</span>
          <button type="submit" onClick={() => void attempt(() => lookAt())}>
            {w.review}
          </button>
          <button type="button" onClick={discard}>
            {w.discard}
          </button>
        </section>
      )}
      <SaveDialog />
    </>
  );
}

function Forms({ fields }: { fields: readonly SettingField[] }) {
  const w = words.value.settings;
  const searching = (query.value.get('text') ?? '') !== '';
  const isChanged = query.value.get('subject') === 'changed';
  const subject = subjects.find((one) => one === query.value.get('subject')) ?? 'routing';
  const shown = fields.filter((field) =>
    searching
      ? passesFilter(field.key, field.description, settingText(field.key, field.description))
      : isChanged
        ? field.written !== null
        : field.subject === subject,
  );
  const present = subjects.filter((one) => fields.some((field) => field.subject === one));
  return (
    <div class="settings">
      <Tabs
        label={w.subjects}
        tabs={[
          ...present.map((name) => ({ name, title: w.subject[name] })),
          { name: 'changed' as const, title: w.writtenOnly },
        ]}
        chosen={searching ? undefined : isChanged ? 'changed' : subject}
        choose={(name: Subject | 'changed') => setQuery({ subject: name, text: undefined })}
        upright
      />
      <div>
        {editedText.value !== undefined && <p class="warn">{w.textIsEdited}</p>}
        {shown.length === 0 && <p class="empty">{w.noField}</p>}
        {shown.map((field) => (
          <Field key={field.key} field={field} />
        ))}
      </div>
    </div>
  );
}

function Field({ field }: { field: SettingField }) {
  const w = words.value.settings;
  const { key, written, kind } = field;
  const wanted = changes.value.get(key);
  const inFile = written?.as === 'value' || written?.as === 'lines' ? written.value : null;
  const value = wanted === undefined ? inFile : wanted.value;
  const isOut = wanted !== undefined && wanted.value === null;
  return (
    <div class={wanted === undefined ? 'setting' : 'setting edited'}>
      <label for={`setting-${key}`}>
        <code>{key}</code>
      </label>
      <div class="setting-value">
        <SettingInput field={field} value={value} set={(next) => want(field, next)} />
        {wanted !== undefined ? (
          <button type="button" class="quiet" onClick={() => want(field, undefined)}>
            {w.undo}
          </button>
        ) : (
          written !== null &&
          kind !== 'yaml' && (
            <button type="button" class="quiet" onClick={() => want(field, null)}>
              {w.takeOut}
            </button>
          )
        )}
      </div>
      <p class="about" id={`setting-${key}-about`}>
        <Described text={settingText(key, field.description)} />{' '}
        <small>
          {[
            // What a choice or a flag takes is seen.
            kind === 'choice' || kind === 'flag' ? null : expectedText(field.expects),
            field.default === null || field.default === '' ? null : w.default(String(field.default)),
            written === null ? null : w.inFile,
            isOut ? w.willGo : null,
            field.atStart ? w.needsStart : null,
          ]
            .filter((part) => part !== null && part !== '')
            .join(' · ')}
        </small>
      </p>
    </div>
  );
}

/** Text between backticks is literal. */
function Described({ text }: { text: string }) {
  return (
    <>
      {text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={`${at} ${part}`}>{part}</code>))}
    </>
  );
}
