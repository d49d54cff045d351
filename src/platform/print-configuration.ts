import { configurationDocument } from './config.ts'

/** `node src/platform/print-configuration.ts > docs/configuration.md` */
process.stdout.write(configurationDocument())
