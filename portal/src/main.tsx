import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router/dom'
import { ApiError } from './api/client.ts'
import { chosenLanguage, languageKey, switchLanguage } from './app/language.ts'
import { cssVariables, styleNonce, theme } from './app/theme.ts'
import './look/all.css'
import { createRouter } from './routes.tsx'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      refetchOnWindowFocus: true,
      // What the server refused it will refuse again; what did not arrive may arrive.
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.status < 500),
      retryDelay: 800,
    },
  },
})

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

const wishes = [new URLSearchParams(location.search).get('lang'), stored(languageKey), ...navigator.languages]
const schemes = localStorageColorSchemeManager({ key: 'simward-theme' })
const nonce = styleNonce()
const place = document.getElementById('root')
if (place === null) throw new Error('index.html has no #root')

await switchLanguage(chosenLanguage(wishes))
createRoot(place).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        colorSchemeManager={schemes}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={client}>
          <RouterProvider router={createRouter()} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  </StrictMode>,
)
