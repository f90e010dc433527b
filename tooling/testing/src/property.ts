import fc from 'fast-check'

// The same cases in every run: what a run finds, the next one finds too. Another number looks at other cases.
fc.configureGlobal({ seed: Number(process.env['GOBBY_TEST_SEED'] ?? 20_261_122) })

export { default } from 'fast-check'
