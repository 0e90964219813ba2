import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Tests that start whole programs: they need the processors for themselves, or
 * what they measure is their neighbours.
 */
const PROCESSES = [
  'test/process/**/*.test.ts',
  'agent/src/{audit-command,chain-process,cloud-process,main,provider-secrecy,readme,restart}.test.ts',
  'agent/src/adapters/cloud-api/kill.test.ts',
]

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 20_000,
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'everyday',
          include: ['{shared,hub,agent,deploy}/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PROCESSES],
          // Many of them wait for real time, so more than a small machine has cores may go together
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'process', include: PROCESSES, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
