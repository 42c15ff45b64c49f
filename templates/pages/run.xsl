<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/run.xsl"/>
<xsl:include href="../parts/run-events.xsl"/>
<xsl:include href="../parts/run-parts.xsl"/>
<xsl:template match="page" mode="title">Run of <xsl:value-of select="detail/run/@workflow-name"/> – Strongroom</xsl:template>

<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/projects">Projects</a> › <a href="/projects/{detail/run/@project}"><xsl:value-of select="detail/@project-name"/></a></nav>
<h1 id="run-name"><xsl:apply-templates select="detail/run" mode="name"/></h1>
<xsl:apply-templates select="detail/security" mode="alert"/>
<xsl:apply-templates select="detail/run"/>
<xsl:apply-templates select="detail/decide"/>
<xsl:apply-templates select="detail/steps"/>
<xsl:apply-templates select="detail/output"/>
<xsl:apply-templates select="detail/events"/>
<xsl:apply-templates select="detail/artifacts"/>
<xsl:apply-templates select="detail/prompts"/>
<xsl:apply-templates select="detail/leases"/>
<xsl:apply-templates select="detail/security"/>
<!-- Only the newest events go on. -->
<xsl:if test="detail/events/@latest='yes' and not(alert)"><script src="/assets/run.js" defer="defer"></script></xsl:if>
</xsl:template>

<xsl:template match="detail/run">
<dl class="panel facts" id="run-facts">
<div><dt>Status</dt><dd id="run-status"><xsl:apply-templates select="." mode="status"/></dd></div>
<div><dt>Trigger</dt><dd id="run-trigger"><xsl:value-of select="@trigger"/></dd></div>
<div><dt>Started</dt><dd><xsl:apply-templates select="@started-at" mode="time"/><xsl:if test="not(@started-at)"><span class="fine">not yet</span></xsl:if></dd></div>
<div><dt>Ended</dt><dd><xsl:apply-templates select="@completed-at" mode="time"/><xsl:if test="not(@completed-at)"><span class="fine">not yet</span></xsl:if></dd></div>
<div><dt>Took</dt><dd><xsl:apply-templates select="@seconds" mode="duration"/><xsl:if test="not(@seconds)"><span class="fine">–</span></xsl:if></dd></div>
<div><dt>Last sign of life</dt><dd><xsl:apply-templates select="@heartbeat-at" mode="time"/></dd></div>
<div><dt>Topic</dt><dd><code id="run-topic"><xsl:value-of select="../@topic-prefix"/><xsl:value-of select="@id"/></code></dd></div>
<div><dt>Masked so far</dt><dd id="run-masked"><xsl:apply-templates select="../security" mode="masked"/></dd></div>
</dl>
</xsl:template>

<xsl:template match="decide">
<section aria-labelledby="decide-heading">
<h2 id="decide-heading"><xsl:choose><xsl:when test="@approvable='yes'">It waits for an approval</xsl:when><xsl:otherwise>Stop it</xsl:otherwise></xsl:choose></h2>
<form id="run-decision-form" class="panel" method="post" action="/projects/{../run/@project}/runs/{../run/@id}">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">run-decision</xsl:with-param></xsl:apply-templates>
<p>Cancelling ends the run’s hold on credentials at once; what its program has read already it still has, so revoke what must not be used any more.</p>
<label class="box"><input id="run-confirm" type="checkbox" name="confirm" value="yes" required="required"/><span>I mean this run</span></label>
<p class="actions row-actions">
<xsl:if test="@approvable='yes'"><button type="submit" id="run-approve" name="run[decision]" value="approve">Approve</button><button type="submit" id="run-reject" name="run[decision]" value="reject" class="quiet">Reject</button></xsl:if>
<xsl:if test="@cancellable='yes'"><button type="submit" id="run-cancel" name="run[decision]" value="cancel" class="danger">Cancel the run</button></xsl:if>
</p>
</form>
</section>
</xsl:template>
</xsl:stylesheet>
