<?xml version="1.0" encoding="UTF-8"?>
<!-- Of a run: the timeline of its steps, its output, its events. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="steps">
<section aria-labelledby="steps-heading">
<h2 id="steps-heading">Timeline</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:if test="not(step)"><p class="empty" id="run-steps-empty">No step was reported.</p></xsl:if>
<ol class="timeline" id="run-steps"><xsl:apply-templates select="step"/></ol>
</section>
</xsl:template>
<xsl:template match="step">
<li class="step {@state}" data-step="{@step-name}">
<span class="step-name"><xsl:value-of select="@step-name"/></span>
<span class="status run-{@state}"><xsl:value-of select="@state"/></span>
<span class="step-took"><xsl:apply-templates select="@milliseconds" mode="duration"/></span>
<xsl:if test="@started-at"><span class="fine"><xsl:apply-templates select="@started-at" mode="time"/></span></xsl:if>
</li>
</xsl:template>

<xsl:template match="output">
<section aria-labelledby="output-heading" id="run-output">
<h2 id="output-heading">Output</h2>
<xsl:if test="not(stream)"><p class="empty" id="run-output-empty">Nothing so far.</p></xsl:if>
<xsl:apply-templates select="stream"/>
</section>
</xsl:template>
<xsl:template match="stream">
<h3><xsl:value-of select="@stream-name"/><xsl:if test="@cut='yes'"><xsl:text> </xsl:text><span class="fine">its end</span></xsl:if></h3>
<pre class="terminal" tabindex="0" aria-label="Output of {@stream-name}" data-stream="{@stream-name}"><xsl:value-of select="@text"/></pre>
</xsl:template>

<xsl:template match="events">
<section aria-labelledby="events-heading" id="run-events" data-events="/projects/{../run/@project}/runs/{../run/@id}/events" data-after="{@newest}" data-ended="{../run/@ended}">
<h2 id="events-heading">Events</h2>
<p class="fine" id="run-live" role="status"><xsl:choose>
<xsl:when test="@latest='no'">These are older ones.</xsl:when>
<xsl:when test="../run/@ended='yes'">The run has ended; nothing follows.</xsl:when>
<xsl:otherwise>As of when this page was made; <a id="run-refresh" href="/projects/{../run/@project}/runs/{../run/@id}">refresh</a> for what followed.</xsl:otherwise>
</xsl:choose></p>
<xsl:apply-templates select="error" mode="section"/>
<xsl:if test="not(event) and not(error)"><p class="empty" id="run-events-empty">No event is kept of this run.</p></xsl:if>
<div class="table-frame">
<table class="stacked events">
<thead><tr><th scope="col">No.</th><th scope="col">When</th><th scope="col">Type</th><th scope="col">Payload</th><th scope="col">Masked</th></tr></thead>
<tbody id="run-event-rows"><xsl:apply-templates select="event"><xsl:sort select="@seq" data-type="number" order="descending"/></xsl:apply-templates></tbody>
</table>
</div>
<xsl:if test="@older or @latest='no'">
<nav class="pager" aria-label="Pages of events">
<xsl:if test="@latest='no'"><a href="/projects/{../run/@project}/runs/{../run/@id}#run-events">Newest</a></xsl:if>
<xsl:if test="@older"><a rel="next" id="run-events-older" href="/projects/{../run/@project}/runs/{../run/@id}?before={@older}#run-events">Older</a></xsl:if>
</nav>
</xsl:if>
</section>
</xsl:template>

<xsl:template match="events/event">
<tr id="run-event-{@seq}">
<td data-label="No."><xsl:value-of select="@seq"/></td>
<td data-label="When"><time datetime="{@at}"><xsl:value-of select="@at-text"/></time></td>
<td data-label="Type"><strong><xsl:value-of select="@type"/></strong><xsl:if test="@step-name!=''"><br/><span class="fine"><xsl:value-of select="@step-name"/></span></xsl:if><xsl:if test="@stream!=''"><br/><span class="fine"><xsl:value-of select="@stream"/></span></xsl:if></td>
<td data-label="Payload" class="long"><code class="payload"><xsl:value-of select="@payload"/></code></td>
<td data-label="Masked"><xsl:value-of select="@masked"/></td>
</tr>
</xsl:template>
</xsl:stylesheet>
