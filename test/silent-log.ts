import type { StoreLog } from '#store/db.ts'

/** For tests in which what is logged is of no interest. */
export const silentLog: StoreLog = { info() {}, warn() {}, error() {} }
