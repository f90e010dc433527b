/** The groups in which tools are served. Apart from what is in them, so that a server starts without loading that. */
export const registryNames = ['gobby-sessions', 'gobby-tasks', 'gobby-hub'] as const
/** One of {@link registryNames}. */
export type RegistryName = (typeof registryNames)[number]

/** How an agent finds the tools: each in the list, or through three tools that tell of the others. */
export const discoveries = ['direct', 'progressive'] as const
/** One of {@link discoveries}. */
export type Discovery = (typeof discoveries)[number]

export function isRegistryName(name: unknown): name is RegistryName {
  return (registryNames as readonly unknown[]).includes(name)
}
