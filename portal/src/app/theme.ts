import {
  type CSSVariablesResolver,
  createTheme,
  Modal,
  PasswordInput,
  Select,
  TagsInput,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core'

const blueprint = ['#e8eefb', '#c6d3f1', '#a0b6e8', '#8db0ff', '#6d8dd8', '#4569c4', '#1f4cb4', '#1a41a0', '#17398a', '#102a68'] as const
const inputProps = { size: 'sm', radius: 4 } as const

/** Mantine wears the tokens of look/tokens.css; nothing here is a colour of its own. */
export const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'blueprint',
  primaryShade: { light: 6, dark: 3 },
  colors: { blueprint },
  defaultRadius: 4,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '22px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  components: {
    Modal: Modal.extend({
      defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.35 } },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 200, multiline: true, maw: 320, events: { hover: true, focus: true, touch: true } },
    }),
    TextInput: TextInput.extend({ defaultProps: inputProps }),
    PasswordInput: PasswordInput.extend({ defaultProps: inputProps }),
    Textarea: Textarea.extend({ defaultProps: inputProps }),
    Select: Select.extend({ defaultProps: inputProps }),
    TagsInput: TagsInput.extend({ defaultProps: inputProps }),
  },
})

const tokens = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-2)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-error': 'var(--ref)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-blueprint-filled': 'var(--accent)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--ink-3)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-line-height': '20px',
  '--mantine-font-size-md': '13px',
} as const

/** Mantine's greys in the dark, by our grounds: what its parts take straight from the palette. */
const darkGreys = {
  '--mantine-color-dark-0': 'var(--ink)',
  '--mantine-color-dark-1': 'var(--ink-2)',
  '--mantine-color-dark-2': 'var(--ink-2)',
  '--mantine-color-dark-3': 'var(--ink-3)',
  '--mantine-color-dark-4': 'var(--line-strong)',
  '--mantine-color-dark-5': 'var(--hover)',
  '--mantine-color-dark-6': 'var(--sunken)',
  '--mantine-color-dark-7': 'var(--surface)',
} as const

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: tokens, dark: { ...tokens, ...darkGreys } })

/** The nonce that the server put into the page for this answer; styles made at run time carry it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}
