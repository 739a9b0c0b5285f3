/** Options of commands that connect a client. */

export const modelOption = {
  type: 'string',
  value: 'NAME',
  meaning: 'The model to use; without it one that suits the client',
} as const;

export const urlOption = {
  type: 'string',
  value: 'URL',
  meaning: 'The gateway at this address instead of that of the config',
} as const;
