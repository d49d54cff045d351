import { formatter } from '@lingui/format-po'

/** The first is the source language. A message missing in any of them fails the build (build.ts). */
export default {
  rootDir: import.meta.dirname,
  sourceLocale: 'en',
  locales: ['en', 'zh-Hans', 'ja'],
  catalogs: [{ path: '<rootDir>/src/locales/{locale}', include: ['<rootDir>/src'], exclude: ['**/*.test.ts', '**/*.gen.ts'] }],
  // Without line numbers: a catalogue changes only when a message does.
  format: formatter({ origins: true, lineNumbers: false }),
}
