/**
 * What a rollout may hold and gobby passes over: copies of response items, progress, questions to the interface, and
 * settings. A type that is neither here nor read is counted and reported.
 */
const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/))

export const SKIPPED_LINES = words(`
  world_state inter_agent_communication inter_agent_communication_metadata session_state ghost_snapshot`)

export const SKIPPED_ITEMS = words(`ghost_snapshot compaction compaction_summary context_compaction compaction_trigger other additional_tools`)

export const SKIPPED_EVENTS = words(`
  agent_message agent_message_content_delta agent_message_delta agent_reasoning agent_reasoning_delta
  agent_reasoning_raw_content agent_reasoning_raw_content_delta agent_reasoning_section_break user_message
  reasoning_content_delta reasoning_raw_content_delta plan_delta plan_update raw_response_item item_started
  task_started turn_started task_complete turn_complete turn_aborted turn_diff turn.completed turn_moderation_metadata
  thread_rolled_back thread_settings_applied thread_goal_updated context_compacted conversation_path
  session_configured shutdown_complete background_event deprecation_notice
  error warning stream_error guardian_warning guardian_assessment model_reroute model_verification safety_buffering
  exec_command_begin exec_command_output_delta terminal_interaction exec_approval_request
  patch_apply_begin patch_apply_updated apply_patch_approval_request
  mcp_tool_call_begin mcp_startup_update mcp_startup_complete mcp_list_tools_response
  web_search_begin web_search_end image_generation_begin image_generation_end view_image_tool_call
  dynamic_tool_call_request dynamic_tool_call_response request_user_input request_permissions elicitation_request
  entered_review_mode exited_review_mode undo_started undo_completed hook_started hook_completed
  get_history_entry_response list_custom_prompts_response list_skills_response skills_update_available
  collab_agent_spawn_begin collab_agent_spawn_end collab_agent_interaction_begin collab_agent_interaction_end
  collab_waiting_begin collab_waiting_end collab_close_begin collab_close_end collab_resume_begin collab_resume_end
  sub_agent_activity realtime_conversation_started realtime_conversation_realtime realtime_conversation_closed
  realtime_conversation_sdp realtime_conversation_list_voices_response
  codex/event/raw_item account/rateLimits/updated`)

/** Items of `item_completed` that repeat a response item. A `Plan` is the text of the assistant's proposal. */
export const SKIPPED_COMPLETED = words(`
  UserMessage HookPrompt AgentMessage Plan Reasoning WebSearch ImageView ImageGeneration Extension Sleep
  ContextCompaction EnteredReviewMode ExitedReviewMode CollabAgentToolCall SubAgentActivity DynamicToolCall`)
