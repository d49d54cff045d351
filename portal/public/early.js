// Before the first paint: theme and language, so that neither flashes. A file and not inline, because of the CSP.
;(() => {
  try {
    const theme = localStorage.getItem('simward-theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.mantineColorScheme = theme
    const language = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('simward-language')
    if (language !== null) document.documentElement.lang = language
  } catch {
    // Storage may be forbidden: the browser's own preferences hold then.
  }
})()
