export { errorCodes, type ErrorCode, GobbyError } from '@gobby/storage'
