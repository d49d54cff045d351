/** Placeholder while the recorder is written. */
export interface SignalHistory {
  placeholder: true
}
