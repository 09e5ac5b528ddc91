export * from './edge.ts';
export { limits as edgeLimits } from './limits.ts';
export { tokenAudience, tenantsSchema, type Tenant } from './tokens.ts';
