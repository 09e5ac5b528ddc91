import { signal } from '@preact/signals';
import { parseRoute, type Route } from './routes.ts';

export const route = signal<Route>(parseRoute(location.pathname));

export function navigate(path: string): void {
  history.pushState(null, '', path);
  route.value = parseRoute(location.pathname);
  scrollTo(0, 0);
}

/** Makes plain links to our own pages change the page without loading it anew. */
export function followLinks(): void {
  addEventListener('popstate', () => (route.value = parseRoute(location.pathname)));
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.origin !== location.origin) return;
    if (parseRoute(link.pathname).page === 'unknown') return;
    event.preventDefault();
    navigate(link.pathname + link.hash);
  });
}
