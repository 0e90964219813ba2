import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{shared,hub,agent,deploy}/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Real processes and sockets: two files at a time leave each enough of a small machine
    maxWorkers: 2,
    passWithNoTests: false,
  },
})
