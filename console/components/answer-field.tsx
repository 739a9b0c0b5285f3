/** One text to send, and the gateway's message where it is refused. */
import { useState } from 'preact/hooks';
import { reasonOf } from '../api.ts';

export interface AnswerFieldProps {
  id: string;
  label: string;
  button: string;
  placeholder?: string;
  /** It is not shown, and the browser does not keep it. */
  secret?: boolean;
  /** What to do where it is not taken. */
  advice?: string;
  /** Throws where it is not taken. */
  send(text: string): Promise<void>;
}

export function AnswerField({
  id,
  label,
  button,
  placeholder,
  secret = false,
  advice,
  send,
}: AnswerFieldProps) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const kind = secret
    ? ({ type: 'password', autocomplete: 'new-password' } as const)
    : ({ type: 'text', autocomplete: 'off' } as const);
  const submit = async (): Promise<void> => {
    try {
      await send(text);
      setProblem('');
    } catch (error) {
      setProblem(advice === undefined ? reasonOf(error) : `${reasonOf(error)}. ${advice}`);
    }
  };
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label for={id}>{label}</label>
      <div class="tools">
        <input
          {...kind}
          id={id}
          spellcheck={false}
          placeholder={placeholder}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={text.trim() === ''}>
          {button}
        </button>
      </div>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
