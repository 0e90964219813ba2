import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{shared,hub,agent,deploy}/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 45_000,
    hookTimeout: 45_000,
    // Many tests wait for real processes and real time, so more of them than a small machine has cores go together
    maxWorkers: 3,
    passWithNoTests: false,
  },
})
