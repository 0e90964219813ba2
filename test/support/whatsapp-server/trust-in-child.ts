import { WA_CERT_DETAILS } from '@whiskeysockets/baileys'

// Loaded before a program by `--import`: its Baileys is unmodified but for the root that it trusts
const root = process.env['WHATSAPP_TEST_ROOT']
if (root !== undefined) WA_CERT_DETAILS.PUBLIC_KEY.set(Buffer.from(root, 'hex'))
