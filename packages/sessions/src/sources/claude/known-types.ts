/** Lines that are known and hold nothing to keep. What is in neither these lists nor the parser is counted as unknown. */

export const SKIPPED_TYPES = new Set([
  'progress', 'queue-operation', 'file-history-snapshot', 'file-history-delta', 'mode', 'permission-mode', 'pr-link', 'tag',
  'frame-link', 'artifact', 'artifact-link', 'worktree-state', 'relocated', 'bridge-session', 'atis-latch', 'cost-state',
  'tools-used', 'isolation-latch', 'session-owner', 'history-suppression', 'attribution-snapshot', 'memory-mode', 'dev-mods',
  'repl-mode', 'observer-ref', 'hybrid-organization', 'host-row', 'content-replacement', 'continued-in', 'derived-from',
  'resume-head-vouch', 'fork-context-ref', 'data-flow-records', 'agent-color', 'agent-setting',
  // Full copies of what was sent to the model: they would fill the search with every prompt again.
  'api-request', 'api-request-shape', 'api-request-blob', 'api-request-resumed',
])

export const SKIPPED_SYSTEM = new Set([
  'stop_hook_summary', 'turn_duration', 'api_error', 'bridge_status', 'memory_saved', 'permission_retry', 'agents_killed',
  'microcompact_boundary', 'compact_boundary', 'thinking',
])

/** Rows that are read where they say something. */
export const KNOWN_SYSTEM = new Set([
  '', 'away_summary', 'local_command', 'informational', 'scheduled_task_fire', 'model_refusal_fallback', 'voice_call_talk',
])

export const SKIPPED_ATTACHMENTS = new Set([
  'hook_success', 'hook_additional_context', 'hook_system_message', 'hook_non_blocking_error', 'hook_blocking_error',
  'hook_cancelled', 'hook_stopped_continuation', 'async_hook_response', 'total_tokens_reminder', 'task_reminder',
  'todo_reminder', 'skill_listing', 'agent_listing_delta', 'deferred_tools_delta', 'deferred_tools_record', 'mcp_instructions_delta', 'diagnostics',
  'date', 'date_change', 'environment', 'model', 'instructions', 'session_context', 'remote_session_change', 'auto_mode',
  'auto_mode_exit', 'plan_mode', 'plan_mode_exit', 'plan_mode_reentry', 'command_permissions', 'nested_memory',
  'invoked_skills', 'ultra_effort_enter', 'ultra_effort_exit', 'silent_turn_reminder', 'read_truncation_notice',
  'goal_status', 'workflow_keyword_request', 'prompt_snapshot', 'opened_file_in_ide', 'selected_lines_in_ide', 'todo',
  'relevant_memories', 'output_style', 'critical_system_reminder', 'mcp_resource', 'dynamic_skill', 'compact_file_reference',
])
