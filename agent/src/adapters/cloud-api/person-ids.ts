/** An E.164 number in digits, as Meta writes it. */
const NUMBER = /^[1-9]\d{4,14}$/
/** The id of somebody who hides the number: a country, and letters and digits that mean something to one business only. */
const USER_ID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/

/** Whether somebody is known by a number. */
export const isNumber = (personId: string): boolean => NUMBER.test(personId)

/**
 * Whether somebody is known by a user id.
 *
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
 */
export const isUserId = (personId: string): boolean => USER_ID.test(personId)
