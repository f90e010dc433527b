export * from './operations/index.js'
export { resolveTaskReference } from './refs.js'
