import type * as http from '@gobby/http'
import { GobbyError } from '@gobby/sessions'

type Service = typeof http

/** Uses the HTTP service, which no other command loads. It brings packages of its own, so its errors are made ours. */
export async function withService<T>(use: (service: Service) => T | Promise<T>): Promise<T> {
  const service = await import('@gobby/http')
  try {
    return await use(service)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'GobbyError') throw error
    const { code, message, hint, candidates } = error as GobbyError
    throw new GobbyError(code, message, hint, { candidates, cause: error })
  }
}
