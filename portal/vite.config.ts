import { lingui, linguiTransformerBabelPreset } from '@lingui/vite-plugin'
import babel from '@rolldown/plugin-babel'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where the server puts the nonce of one answer: every occurrence in dist/index.html is replaced. */
const noncePlaceholder = '__CSP_NONCE__'

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  plugins: [
    react(),
    // --mode draft: to look at a page while its words are still being found.
    lingui({ failOnMissing: mode !== 'draft', failOnCompileError: true }),
    babel({ presets: [linguiTransformerBabelPreset()] }),
  ],
  html: { cspNonce: noncePlaceholder },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A page is a chunk of its own (src/routes.tsx); what all of them need comes in two of about this size.
    chunkSizeWarningLimit: 320,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
}))
