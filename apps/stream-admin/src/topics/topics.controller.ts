import { ApiProblem, ApiSchemaResponse, Problem } from '@isobar/service-kit';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { brokerProblem } from '../broker-problem.js';
import { Cluster, groupSchema, topicSchema, type GroupView, type TopicView } from './cluster.js';

@ApiTags('topics')
@Controller()
export class TopicsController {
  constructor(private readonly cluster: Cluster) {}

  @Get('topics')
  @ApiOperation({ summary: 'The topics with where they begin and end; those of Kafka itself (`__…`) are left out' })
  @ApiSchemaResponse(200, 'By name', z.object({ items: z.array(topicSchema) }))
  @ApiProblem(503, 'Kafka does not answer')
  async topics(): Promise<{ items: TopicView[] }> {
    return { items: await this.cluster.topics().catch(brokerProblem) };
  }

  @Get('topics/:name')
  @ApiOperation({ summary: 'One topic' })
  @ApiSchemaResponse(200, 'The topic', topicSchema)
  @ApiProblem(404, 'There is no such topic')
  @ApiProblem(503, 'Kafka does not answer')
  async topic(@Param('name') name: string): Promise<TopicView> {
    const [topic] = await this.cluster.topics([name]).catch(brokerProblem);
    if (topic === undefined)
      throw Problem.notFound('No such topic', `There is no topic ${name}; GET /topics lists them.`);
    return topic;
  }

  @Get('consumer-groups')
  @ApiOperation({ summary: 'The consumer groups with how far each lags behind' })
  @ApiSchemaResponse(200, 'By id', z.object({ items: z.array(groupSchema) }))
  @ApiProblem(503, 'Kafka does not answer')
  async groups(): Promise<{ items: GroupView[] }> {
    return { items: await this.cluster.groups().catch(brokerProblem) };
  }

  @Get('consumer-groups/:id')
  @ApiOperation({ summary: 'One consumer group' })
  @ApiSchemaResponse(200, 'The group', groupSchema)
  @ApiProblem(404, 'There is no such group')
  @ApiProblem(503, 'Kafka does not answer')
  async group(@Param('id') id: string): Promise<GroupView> {
    const group = (await this.groups()).items.find((each) => each.id === id);
    if (group === undefined)
      throw Problem.notFound('No such group', `There is no consumer group ${id}; GET /consumer-groups lists them.`);
    return group;
  }
}
