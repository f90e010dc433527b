#!/usr/bin/env node
import './gobby-hook.cjs'
