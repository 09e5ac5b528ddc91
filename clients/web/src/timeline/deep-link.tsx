import { useEffect } from 'preact/hooks';
import { hashOfSeq, seqOfHash } from './hash.ts';
import type { TimelineModel } from './model.ts';

/** Browsers allow about a hundred changes of the address in half a minute. Milliseconds. */
const writeAfterMs = 350;

/** Keeps the address and the selected event in step. Without a number it is the newest one. */
export function DeepLink({ model }: { model: TimelineModel }) {
  const seq = model.cursor.value.seq;
  const following = model.following.value;
  useEffect(() => {
    const read = () => {
      const wanted = seqOfHash(location.hash);
      if (wanted !== undefined) model.select(wanted);
    };
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, [model]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const hash = following ? '' : hashOfSeq(seq);
      if (hash !== location.hash) history.replaceState(null, '', location.pathname + hash);
    }, writeAfterMs);
    return () => clearTimeout(timer);
  }, [seq, following]);
  return null;
}
