/** Loaded before a server: from the moment that the file named exists, it can load nothing more, as after an upgrade. */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, nextLoad) {
    if (url.startsWith('file:') && existsSync(process.env['GOBBY_TEST_GONE'] ?? '')) throw new Error(`No module any more: ${url}`)
    return nextLoad(url, context)
  },
})
