import type { Plugin } from 'vite';

const kept = new Set(['pt-BR', 'en-US', 'es-ES']);
const EMPTY = '\0empty-locale';

/**
 * Leaves out react-aria's texts in languages that the page doesn't speak. (Adobe's own plugin for this
 * doesn't know the single `react-aria` package.)
 */
export function trimLocales(): Plugin {
  return {
    name: 'trim-locales',
    enforce: 'pre',
    resolveId(specifier, importer) {
      if (!importer || !/\/node_modules\/(react-aria|react-stately|react-aria-components)\//.test(importer))
        return null;
      const locale = /\/intl\/.*?([a-z]{2}-[A-Z]{2})\.m?js$/.exec(specifier)?.[1];
      return locale && !kept.has(locale) ? EMPTY : null;
    },
    load(id) {
      return id === EMPTY ? 'export default {}' : null;
    },
  };
}
