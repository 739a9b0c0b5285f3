/**
 * The client library, imported by name here and loaded with this file: a bundle that is split has no names for a CommonJS package
 * that is itself loaded later.
 */
export { Cluster, Redis, ReplyError } from 'iovalkey';
