/** Of each command that talks to a service. */
export const where = 'DIMGX_URL names the service (http://127.0.0.1:8080), DIMGX_TOKEN the API key.';
