import { AGENT_FAMILY_VARIABLES, HUB_VARIABLES } from './variables.ts'

/** How the name of a variable ends whose value opens something; whoever names a new secret so has its file, too. */
const SECRET_NAME = /(?:^|_)(?:SECRET|KEY|TOKEN|PASSWORD)(?:_PREVIOUS)?$/

/** Whether a variable holds a secret, by its name. */
export const isSecretVariable = (name: string): boolean => SECRET_NAME.test(name)

/** The variable that names a file with a secret in it, instead of the secret's own. */
export const toFileVariable = (name: string): string => `${name}_FILE`

/** The secrets of the hub. */
export const HUB_SECRET_VARIABLES: readonly string[] = HUB_VARIABLES.filter(isSecretVariable)

/** The secrets of the agent but for its providers' keys, which are the agent's own business. */
export const AGENT_SECRET_VARIABLES: readonly string[] = AGENT_FAMILY_VARIABLES.filter(isSecretVariable)
