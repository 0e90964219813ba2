/** Takes what `.env` says into the environment, where there is one; what is set already wins. */
export const loadEnvFile = (): void => {
  try {
    process.loadEnvFile('.env')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
