export { cleanEnv } from './environment.ts'
export { runBin, type RunOptions, type RunResult } from './process.ts'
export { tempDir, tempHome, type TempHome } from './temp.ts'
export { tempRepo, type TempRepo } from './git.ts'
