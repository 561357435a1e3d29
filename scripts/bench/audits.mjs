/** The audits of graphql-http against its own handler in the same process; prints how many there are. */
import { createServer } from 'node:http';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { auditServer } from 'graphql-http';
import { createHandler } from 'graphql-http/lib/use/http';

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString, resolve: () => 'world' } } }),
});
const server = createServer(createHandler({ schema }));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const results = await auditServer({ url: `http://127.0.0.1:${server.address().port}` });
server.closeAllConnections();
server.close();
console.log(results.length);
