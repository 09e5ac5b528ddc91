import { useState } from 'preact/hooks';
import type { RingbackError } from '@ringback/sdk';
import { keeper, platform } from '../platform.ts';
import { navigate } from '../router.ts';
import { callIdIn, callPath } from '../routes.ts';
import { callNameMax, cleanName } from '../session/display-name.ts';
import { identity } from '../session/identity.ts';
import { explain } from '../text/reasons.ts';
import { Icon } from '../ui/icons.tsx';
import { Echoes } from '../ui/logo.tsx';
import { NameField } from '../ui/name-field.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { CallsList } from './calls-list.tsx';

export function HomePage() {
  return (
    <>
      <TopBar />
      <main class="home">
        <Echoes />
        <section class="home-start">
          <h1>Calls that remember what happened</h1>
          <p class="lead soft">
            Ringback carries your call and keeps a log of it: who came, what was muted, why it reconnected. Go
            through any call afterwards, event by event.
          </p>
          <StartForm />
          <JoinForm />
        </section>
        <section class="home-calls" aria-labelledby="calls-title">
          <h2 id="calls-title">Your calls</h2>
          <CallsList />
        </section>
      </main>
    </>
  );
}

function StartForm() {
  const [name, setName] = useState(identity.value?.displayName ?? '');
  const [callName, setCallName] = useState('');
  const [nameError, setNameError] = useState<string>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  const start = async () => {
    const displayName = cleanName(name);
    if (displayName === '') {
      setNameError('Say what the others should call you.');
      document.getElementById('display-name')?.focus();
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await keeper.be(displayName);
      const wanted = cleanName(callName, callNameMax);
      const { callId } = await platform().createCall(wanted === '' ? {} : { name: wanted });
      navigate(callPath(callId));
    } catch (cause) {
      setBusy(false);
      setError(sentence(cause as RingbackError));
    }
  };
  return (
    <form
      class="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void start();
      }}
    >
      <NameField
        value={name}
        error={nameError}
        onInput={(value) => {
          setName(value);
          setNameError(undefined);
        }}
      />
      <div class="field">
        <label for="call-name">
          Name of the call <span class="hint">(optional)</span>
        </label>
        <input
          id="call-name"
          data-testid="call-name-input"
          maxLength={callNameMax}
          value={callName}
          autocomplete="off"
          onInput={(e) => setCallName(e.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button primary" data-testid="start-call" aria-disabled={busy}>
        <Icon name="camera" />
        {busy ? 'Starting …' : 'Start a call'}
      </button>
      {error && (
        <div class="notice bad" role="alert">
          {error}
        </div>
      )}
    </form>
  );
}

function JoinForm() {
  const [link, setLink] = useState('');
  const [error, setError] = useState<string>();
  return (
    <form
      class="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const callId = callIdIn(link);
        if (callId) navigate(callPath(callId));
        else setError('This holds no call. Paste the whole link that you were sent.');
      }}
    >
      <div class="field">
        <label for="join-link">Join by link or id</label>
        <div class="join-row">
          <input
            id="join-link"
            data-testid="join-link-input"
            value={link}
            autocomplete="off"
            spellcheck={false}
            aria-invalid={error !== undefined}
            aria-describedby={error ? 'join-error' : undefined}
            placeholder={`${location.origin}/c/…`}
            onInput={(e) => {
              setLink(e.currentTarget.value);
              setError(undefined);
            }}
          />
          <button type="submit" class="button" data-testid="join-link">
            Join
          </button>
        </div>
        {error && (
          <span class="error" id="join-error" role="alert">
            {error}
          </span>
        )}
      </div>
    </form>
  );
}

function sentence(error: RingbackError): string {
  const known = explain(error.code);
  return known ? `${known.title}. ${known.text}` : error.message;
}
