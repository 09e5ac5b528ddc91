import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Logo } from './logo.tsx';
import { TopBar } from './top-bar.tsx';

/** A page with one thing to say and what to do next. */
export function MessagePage(props: {
  title: string;
  text: ComponentChildren;
  children?: ComponentChildren;
  testId?: string;
  reason?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // What was focused before is gone; a screen reader should read on here.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <TopBar />
      <main class="message-page" data-testid={props.testId} data-reason={props.reason}>
        <Logo size={64} />
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        <p class="soft">{props.text}</p>
        <div class="row">{props.children}</div>
      </main>
    </>
  );
}

export function NotFoundPage() {
  return (
    <MessagePage
      title="No page here"
      text="The address is not one of ours. If it was a link to a call, it may have been cut off."
    >
      <a class="button primary" href="/">
        To the start
      </a>
    </MessagePage>
  );
}

export function Loading({ text }: { text: string }) {
  return (
    <div class="loading" role="status">
      <Logo size={56} />
      {text}
    </div>
  );
}
