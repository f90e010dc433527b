import { join } from 'node:path'

/** The folder of captured transcripts beside the checkout. It need not be there: tests of it then skip, and say so. */
export const sharedTranscripts = join(import.meta.dirname, '../../../../shared/transcripts')
