import { displayNameMax } from '../session/display-name.ts';

export function NameField(props: {
  value: string;
  error: string | undefined;
  onInput: (value: string) => void;
}) {
  return (
    <div class="field">
      <label for="display-name">Your name</label>
      <input
        id="display-name"
        data-testid="name-input"
        autocomplete="nickname"
        maxLength={displayNameMax}
        value={props.value}
        aria-invalid={props.error !== undefined}
        aria-describedby={props.error ? 'display-name-error' : undefined}
        onInput={(e) => props.onInput(e.currentTarget.value)}
      />
      {props.error && (
        <span class="error" id="display-name-error" role="alert">
          {props.error}
        </span>
      )}
    </div>
  );
}
