export { handleMcpRequest } from './http.js'
export { discoveries, type Discovery, type RegistryName, registryNames } from './registry-names.js'
export { createMcpServer, type McpRequest, type McpServerOptions } from './server.js'
